"""What is proved of a program in floating point? Its errors, that it is finite, and that it keeps the range.

Each module reads the program that is printed and nothing else. It may import `program` and `approximations`.
"""
