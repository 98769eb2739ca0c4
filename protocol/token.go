package protocol

import "strings"

// Verb is what can be done with a future.
type Verb int32

const (
	// Refresh restarts the timer with the original duration.
	Refresh Verb = iota
	// Cancel drops the future.
	Cancel
	// Send sends it now.
	Send

	verbCount
)

// verbs is the one table of what a verb is called where.
var verbs = [verbCount]struct {
	word   string
	update Name // the action of an update_delayed_event request
	token  Path // the token that does it
}{
	Refresh: {"refresh", UpdateRestart, RefreshToken},
	Cancel:  {"cancel", UpdateCancel, CancelToken},
	Send:    {"send", UpdateSend, SendToken},
}

// String returns the verb as the page calls it.
func (v Verb) String() string { return verbs[v].word }

// Update returns the verb as an update_delayed_event request writes it.
func (v Verb) Update() Value { return verbs[v].update.Value() }

// Token returns the path of the token that does the verb.
func (v Verb) Token() Path { return verbs[v].token }

// CheckTokenPath names what is wrong with a path that tokens are posted to.
func CheckTokenPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.Count(path, TokenHole) != 1 ||
		strings.ContainsAny(path, "?#\\ ") {
		return "tokenPath must start with / and hold {token} once"
	}
	return ""
}

// TokenURL returns where a token is posted; "" when the token cannot be a path
// segment ("." and ".." are resolved away even when they are escaped).
func TokenURL(base, path, token string) string {
	if token == "" || token == "." || token == ".." {
		return ""
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(token) {
		switch c := token[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return strings.TrimSuffix(base, "/") + strings.Replace(path, TokenHole, b.String(), 1)
}
