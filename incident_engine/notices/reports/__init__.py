"""Reports on an authority's form: fields, what fills them, paper and data."""
