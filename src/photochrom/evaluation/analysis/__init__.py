"""The colors of a set of pictures: which there are, how often and in which company."""
