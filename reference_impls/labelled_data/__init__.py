"""What labelled data consists of, how it is read, checked and split."""
