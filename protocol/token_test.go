package protocol_test

import (
	"net/url"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestTokenIsOnePathSegmentWhateverItHolds(t *testing.T) {
	const base, path = "https://hs.example.org", "/v3/future/{token}"
	for token, segment := range map[string]string{
		"abc-_.~09AZ": "abc-_.~09AZ", "a/b": "a%2Fb", "../x": "..%2Fx", "a?b#c": "a%3Fb%23c", "a b": "a%20b",
		"%2e%2e": "%252e%252e", "é": "%C3%A9", "\x00\n": "%00%0A", "a+b=&": "a%2Bb%3D%26", "...": "...", "{token}": "%7Btoken%7D",
		`\`: "%5C", "@": "%40", ":": "%3A",
	} {
		got := protocol.TokenURL(base, path, token)
		if got != base+"/v3/future/"+segment {
			t.Errorf("%q: %s", token, got)
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "hs.example.org" || u.RawQuery != "" || u.Fragment != "" || u.Path != "/v3/future/"+token {
			t.Errorf("%q: read as %v, %v", token, u, err)
		}
	}
	for _, token := range []string{"", ".", ".."} {
		if got := protocol.TokenURL(base, path, token); got != "" {
			t.Errorf("%q: %s", token, got)
		}
	}
}

func TestBaseURLMayEndInASlashOrHaveAPath(t *testing.T) {
	for base, want := range map[string]string{
		"https://hs": "https://hs/f/t", "https://hs/": "https://hs/f/t", "https://hs/matrix/": "https://hs/matrix/f/t",
		"http://127.0.0.1:8008": "http://127.0.0.1:8008/f/t",
	} {
		if got := protocol.TokenURL(base, "/f/{token}", "t"); got != want {
			t.Errorf("%s: %s", base, got)
		}
	}
}

func TestTokenPathStaysBelowTheBaseURLAndHoldsTheTokenOnce(t *testing.T) {
	for path, ok := range map[string]bool{
		"/_matrix/client/v3/future/{token}": true, "/{token}/send": true, "/a{token}b": true,
		"": false, "/": false, "{token}": false, "/future": false, "/{token}/{token}": false, "/{TOKEN}": false,
		"/future?token={token}": false, "/#{token}": false, `\evil\{token}`: false, `/\evil/{token}`: false, "/a b/{token}": false,
		"https://evil/{token}": false,
	} {
		if protocol.ValidTokenPath(path) != ok {
			t.Errorf("%q: %v", path, !ok)
		}
	}
}

func TestVerbsAreCalledWhatEachSideCallsThem(t *testing.T) {
	for verb, want := range map[protocol.Verb]struct {
		word, update string
		token        protocol.Path
	}{
		protocol.Refresh: {"refresh", "restart", protocol.RefreshToken},
		protocol.Cancel:  {"cancel", "cancel", protocol.CancelToken},
		protocol.Send:    {"send", "send", protocol.SendToken},
	} {
		if verb.String() != want.word || verb.Update().String() != want.update || verb.Token() != want.token {
			t.Errorf("%v: %v %v", verb, verb.Update(), verb.Token())
		}
	}
}
