"""Reads a folder of documents and cuts them into chunks that keep their headings and offsets."""
