"""The evaluation set: items with their inputs and wanted outputs, made, read and checked."""
