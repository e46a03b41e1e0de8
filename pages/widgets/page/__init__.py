"""What every page has: style, links, refusals, notices, symbols."""
