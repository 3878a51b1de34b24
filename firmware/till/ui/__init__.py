# till.ui
