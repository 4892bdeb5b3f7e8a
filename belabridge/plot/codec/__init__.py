"""What a picture is made of: kept samples, columns of pixels, and the messages that carry them. Pure."""
