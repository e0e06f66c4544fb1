/// What a person sees who points a browser at the server.
enum FrontPage {
    static func html(name: String) -> String {
        let name = escaped(name)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(name)</title>
            <style>body { font: 1rem/1.5 sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>
            </head>
            <body>
            <h1>\(name)</h1>
            <p>This is a Martlet mail server. Set up your mail program with this name for incoming mail (IMAP or POP3) and
            outgoing mail (SMTP); your user name is your e-mail address.</p>
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "\"", with: "&quot;")
    }
}
