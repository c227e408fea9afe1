"""What the smoke run proves, with a real HTTP server that stands for an endpoint."""
