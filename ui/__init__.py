"""What the screens share. A page asks for its context, runs one query per visual, and composes helpers.

    context    current() → scope, t (texts), f (formats), palette, store
    store      ask(query, scope, *args), ask_all(query, store): cached answers per store version
    frame      sentence(text), section(title), tiles()/tile(…), empty(title): the page's skeleton
    filters    the shared row (drawn by dashboard.py); url_choice(…) for a choice of the screen's own
    links      go(…), link(…), href(…): onward, with the filters
    picks      what was clicked in a figure, kept in the address: base.show(…, pick=…), heading(…) of its list
    marks      RAG as shape + word + colour; history_strip, counts_bar, sparkline; escape, escape_md
    formats    Formats: money, percent, pp, ratio, days, date … "n/a" for what is missing
    tables     table(…) with column helpers, project_links, csv download
    charts     base.figure(palette), base.line(palette, role), base.show(fig, title, alt, table, key=…)
    theme      the palettes and the style sheet
    navigation SCREENS: file, address and icon of every screen

Names from data are untrusted: `marks.escape` for HTML, `marks.escape_md` for labels and markdown.
`sentence`, `section`, `tile`, `empty` and `show` take plain text and escape it themselves.
"""
