"""The controls: what each claim of the paper is held against. Each module answers one question with numbers."""
