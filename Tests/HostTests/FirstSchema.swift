import Foundation

/// A database as the program wrote it before rows had sums (schema 1): of an agent "a" with one
/// service, one endpoint set and the records of its peer "b".
enum FirstSchema {
    static var file: Data {
        var file = Data(count: 8192)
        for (place, text) in pieces {
            guard let bytes = Data(base64Encoded: text) else { preconditionFailure("no Base64") }
            file.replaceSubrange(place..<place + bytes.count, with: bytes)
        }
        return file
    }

    /// All that is not zero, by its place in the file.
    private static let pieces: [(Int, String)] = [
        (
            0,
            """
            U1FMaXRlIGZvcm1hdCAzABAAAgIAQCAgAAAAAgAAAAIAAAAAAAAAAAAAAAMAAAAEAAAAAAAAAAAA\
            AAABAAAAAQ==
            """
        ),
        (
            95,
            """
            AgAuYwENAAAAAQ9cAA9c
            """
        ),
        (
            3932,
            """
            gSEBBxcXFwGCIXRhYmxlZW50cnllbnRyeQJDUkVBVEUgVEFCTEUgZW50cnkgKAogICAgc3BhY2Ug\
            VEVYVCBOT1QgTlVMTCwKICAgIGtleSBCTE9CIE5PVCBOVUxMLAogICAgdmFsdWUgQkxPQiBOT1Qg\
            TlVMTCwKICAgIFBSSU1BUlkgS0VZIChzcGFjZSwga2V5KQopIFdJVEhPVVQgUk9XSUQKAAAABww5\
            AA+sD8wMOQ1yDNUO2AyE
            """
        ),
        (
            7225,
            """
            SgQZLmpvZmZlcnNkZWZhdWx0L3dlYi93ZWItYQdkZWZhdWx0A3dlYgV3ZWItYQEAAAAAAAAAAAAA\
            AAAAAAAAAQAGH5ABAwQKAQABUAUZIoEAd2lzaGVzZGVmYXVsdC93ZWIHZGVmYXVsdAN3ZWIAAAAB\
            AaIEeupWAAEAAA8BAAEAAgAIAAYAUABQAAABAQAKYGW/AaIEeupWAAAAgRsFG0aBcHJlY29yZHMB\
            fY6M2Cna+kb7OgQaUjPyZ2sDMeL0Tf3pAAAAAAEBAAJ9jozYKdr6Rvs6BBpSM/JnawMx4vRN/ekA\
            AAAAAAAAAgAAAAABogR63qQAAQAAi3tOFLZVvpq/us5JfjwBxJG2b8eVmjp0Pa8MZWGsDI5GZpJg\
            9+c6dOqOuGtuAkIqz5eMqJ8+CD7PzGmeYnd9CIJkBRtGhQJyZWNvcmRzAH2OjNgp2vpG+zoEGlIz\
            8mcAAAAAAAAAAAAAAAABAADLfY6M2Cna+kb7OgQaUjPyZ2sDMeL0Tf3pAAAAAAAAAAEAAAAAAaIE\
            et6kAAAAmQGeuqd4LyQ3OHup/pjFRFWyiYmodkG9VeboLl63cYpY8lp/V9HFHFT6IMKzKI8Ui4cA\
            AAAAawMj0gAAAABrecrSAAQAIAABYgEEfwAAAQEECgEAABABASoAl010cTc5egDETZiGE+EFBUiY\
            3DdO5R3FZwyy0BBsMnnu+dBo3UUlUNyQMFvU2z5nNQDFRbyUrJ+M+jlnhL3UBQAHnGIAAAEAfFhS\
            8ExMF0gKJgU/yeVwXA4N9tzypwqdmb50Ob/9dyQBBH8AAAFKnuGMijLHv3hmYI3+TkgcCJK30gTm\
            9WHvwgqKTsa2HbgmOTwFjMe+v6Ag96JVponTXUNEdC51G77PckSnZhyiHgOBUgUbRoJecmVjb3Jk\
            cxA=
            """
        ),
        (
            7939,
            """
            ARAAOSORpgN7e9kA2LmFGM4sOJkAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQRob21l\
            BApgAAAQdTB///3w4/bFtXwJDtkEKjj5aJvC29vYfxnpzSHEb0/+IwXKAAEAAAAKwWkrerqpUdxM\
            kxFAY45UTSYCK0U7JcYVcKCMfB6s/Vpdz00j/6WpXsJgt8fBMSTNfCjzhglv/MbJFYXMQa55Ah8E\
            HSIcaWRlbnRpdHlpbmNhcm5hdGlvbmsDMeLKXDRqMwQdFlBpZGVudGl0eW93bmVyOWViYWE3Nzgy\
            ZjI0MzczODdiYTlmZTk4YzU0NDU1YjIgYQ==
            """
        ),
    ]
}
