# till.ui.languages
