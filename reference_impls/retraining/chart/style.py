"""The style of the page: system fonts, four roles of lines, and both light and dark."""

STYLE = """
:root{color-scheme:light dark;--back:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#59636e;--grid:#dfe3e8;
--chosen:#0b63ce;--never:#c2410c;--best:#157f4b;--other:#a3acb7}
@media (prefers-color-scheme:dark){:root{--back:#14171b;--panel:#1c2026;--ink:#e8ebef;--soft:#a2acb8;--grid:#323941;
--chosen:#6cb0ff;--never:#ff9d6b;--best:#5fd39b;--other:#616b76}}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:0 0 .4rem}
small{color:var(--soft);font-weight:400}
section{margin:0 0 2rem}
.verdict{background:var(--panel);border-left:4px solid var(--chosen);padding:1rem 1.2rem}
.verdict p{margin:0}svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}
svg .tick,svg .name{text-anchor:end}svg .window{text-anchor:end;font-size:11px;fill:var(--soft)}
svg .tick,svg .axis{fill:var(--soft)}svg .grid{stroke:var(--grid)}svg path{fill:none;stroke-width:2.2}
svg .other path{stroke:var(--other);stroke-width:1.2;opacity:.75}svg .best path{stroke:var(--best);stroke-dasharray:5 3}
svg .never path{stroke:var(--never)}svg .chosen path{stroke:var(--chosen);stroke-width:3}
svg g .spread{stroke:var(--ink)!important;stroke-width:1.4!important;stroke-dasharray:none!important;
opacity:1!important}
svg g .lead{stroke-width:1!important;stroke-dasharray:none!important}
svg .other circle,svg .other rect{fill:var(--other)}svg .best circle,svg .best rect{fill:var(--best)}
svg .never circle,svg .never rect{fill:var(--never)}svg .chosen circle,svg .chosen rect{fill:var(--chosen)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;width:100%}
th,td{padding:.35rem .6rem;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th:first-child{text-align:left}thead th{color:var(--soft);font-weight:600}tr.chosen th{color:var(--chosen)}
tr.chosen{background:var(--panel)}tr.never th{color:var(--never)}tr.best th{color:var(--best)}
li{overflow-wrap:anywhere}
"""
"""Colours of lines and texts keep a contrast of 4.5 to their ground, but for the lines that stay behind."""
