"""Hands a model on: merged, as ONNX, in eight bits, pruned or distilled."""
