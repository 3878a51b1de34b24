# till.secure
