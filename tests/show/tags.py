"""Reads a page that stands alone, and finds elements that are left open."""

from html.parser import HTMLParser


class Tags(HTMLParser):
    """The start tags of a page, with their attributes, and its text; an element left open is an error."""

    EMPTY = ("meta", "img", "input", "rect")

    def __init__(self, content):
        super().__init__()
        self.found, self.words, self.open = [], [], []
        self.feed(content)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]
