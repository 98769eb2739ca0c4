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
func (v Verb) Update() Name { return verbs[v].update }

// Token returns the path of the token that does the verb.
func (v Verb) Token() Path { return verbs[v].token }

// DelayedSendPath is where a delayed event is sent by its id alone, without
// login and without a body that matters, as Synapse since 1.143 takes it.
const DelayedSendPath = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events/" + TokenHole + "/send"

// ValidTokenPath reports whether tokens can be posted to the path: it starts
// with / and holds the token's place once.
func ValidTokenPath(path string) bool {
	return strings.HasPrefix(path, "/") && strings.Count(path, TokenHole) == 1 &&
		!strings.ContainsAny(path, "?#\\ ")
}

// TokenURL returns where a token is posted; "" when the token cannot be a path
// segment ("." and ".." are resolved away even when they are escaped).
func TokenURL(base, path, token string) string {
	if token == "" || token == "." || token == ".." {
		return ""
	}
	before, after, _ := strings.Cut(path, TokenHole)
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
	return strings.TrimSuffix(base, "/") + before + b.String() + after
}
