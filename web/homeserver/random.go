package homeserver

import (
	"crypto/rand"
	"encoding/base64"
)

// token returns n random bytes as url-safe base64: 16 for the tokens of a future (MSC4140, 2024-06: 128 bits), 32 for an event id.
func token(n int) string {
	raw := make([]byte, n)
	rand.Read(raw) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// letters returns n random letters, the alphabet of Synapse's room ids and delay ids.
func letters(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := make([]byte, 0, n)
	buf := make([]byte, 1)
	for len(out) < n {
		rand.Read(buf)
		if at := int(buf[0] & 63); at < len(alphabet) { // 64 is the next power of two: the rest is thrown away, not folded
			out = append(out, alphabet[at])
		}
	}
	return string(out)
}
