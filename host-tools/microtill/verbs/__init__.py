# verbs: one file a sub-command, each a plain function that returns the exit status.
