"""Tests of the hybrid patterns."""
