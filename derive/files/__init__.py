"""Problem files: read, checked with every mistake named, and handed over as one frozen problem."""
