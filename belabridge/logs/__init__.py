"""Log files of a board from all sides: started, ended, brought here, kept."""
