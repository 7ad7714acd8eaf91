"""What holds for every vendor that discovery finds, a new one included."""
