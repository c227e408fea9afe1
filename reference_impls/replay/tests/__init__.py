"""Tests of the room beside this folder."""
