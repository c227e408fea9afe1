"""Writers of answers behind one contract: quoting sentences, a local model, or an OpenAI-compatible endpoint."""
