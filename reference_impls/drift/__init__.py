"""Whether the rows of today are still those that the model was made for: which columns, since when, how much.

No drift library is used: what is needed of them is a few lines over scipy and scikit-learn, which the project has
anyway. Looked at in their newest versions: evidently (34 more packages, among them a web server and telemetry), nannyml
(58 more, among them xgboost, two cloud clients and telemetry), alibi-detect (needs numpy 1 and pandas 2), frouros (10
more, with ceilings on numpy and scipy). None of them tests a history of windows as one family, and all of them take
consecutive rows as independent, which rows in the order of time are not.
"""
