# C without comments and the contents of strings and character constants; lines stay lines.
{
    out = ""; n = length($0)
    for (i = 1; i <= n; i++) {
        two = substr($0, i, 2); c = substr($0, i, 1)
        if (comment) { if (two == "*/") { comment = 0; i++ } continue }
        if (quote != "") { if (c == "\\") i++; else if (c == quote) { out = out c; quote = "" } continue }
        if (two == "/*") { comment = 1; i++; continue }
        if (two == "//") break
        if (c == "\"" || c == "'") quote = c
        out = out c
    }
    if (quote != "" && substr($0, n, 1) != "\\") quote = ""
    code[FILENAME, FNR] = out
    emit(out)
}
