package homeserver

import (
	"net/http"
	"regexp"
	"strings"
)

// user is a local account; device is one login of it.
type user struct {
	id        string
	localpart string
}

type device struct {
	user  *user
	id    string
	token string
}

// Account is what a client needs to act as a user.
type Account struct {
	UserID      string `json:"user_id"`
	AccessToken string `json:"access_token"`
	DeviceID    string `json:"device_id"`
}

var localparts = regexp.MustCompile(`^[a-z0-9._=/+-]+$`) // the spec's grammar of a localpart

// Register makes a user with one device, like POST /register.
func (s *Server) Register(username string) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, err := s.register(username, "")
	return account, s.settle(err)
}

func (s *Server) register(username, deviceID string) (Account, error) {
	if username == "" {
		username = "user-" + strings.ToLower(letters(12))
	}
	if !localparts.MatchString(username) {
		return Account{}, badRequest(codeInvalidName, "'username' may only contain a-z, 0-9, '.', '_', '=', '-', '/' and '+'")
	}
	id := "@" + username + ":" + s.options.ServerName
	if s.users[id] != nil {
		return Account{}, badRequest(codeUserInUse, "'username' is already taken")
	}
	if deviceID == "" {
		deviceID = letters(10)
	}
	account := Account{UserID: id, AccessToken: "syt_" + token(24), DeviceID: deviceID}
	d := s.addAccount(account)
	s.tell(func() []change { return []change{d.change()} })
	return account, nil
}

func (s *Server) addAccount(a Account) *device {
	if s.users[a.UserID] == nil {
		localpart, _, _ := strings.Cut(strings.TrimPrefix(a.UserID, "@"), ":")
		s.users[a.UserID] = &user{id: a.UserID, localpart: localpart}
	}
	d := &device{user: s.users[a.UserID], id: a.DeviceID, token: a.AccessToken}
	s.devices[d.token] = d
	return d
}

// Account finds a user who is registered, with one of his devices: what a program asks that has opened a journal.
func (s *Server) Account(username string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.inOrder() {
		if d.user.localpart == username {
			return d.account(), true
		}
	}
	return Account{}, false
}

func (d *device) account() Account {
	return Account{UserID: d.user.id, AccessToken: d.token, DeviceID: d.id}
}

// authenticate finds the device of a request. Where login is optional a token still has to be good, as in Synapse.
func (s *Server) authenticate(r *request, needed login) error {
	if needed == noLogin {
		return nil
	}
	token, given, err := accessToken(r)
	switch {
	case err != nil:
		return err
	case !given && needed == optionalLogin:
		return nil
	case !given:
		return noToken("Missing access token")
	}
	if r.device = s.devices[token]; r.device == nil {
		return errUnknownToken
	}
	return nil
}

func (s *Server) postRegister(r *request) (any, error) {
	var body struct {
		Username string `json:"username"`
		DeviceID string `json:"device_id"`
		Auth     *struct {
			Type string `json:"type"`
		} `json:"auth"`
	}
	if err := r.object(&body); err != nil {
		return nil, err
	}
	if body.Auth != nil && body.Auth.Type != "m.login.dummy" {
		return nil, &matrixError{status: http.StatusUnauthorized, code: codeForbidden, text: "'auth.type' must be m.login.dummy"}
	}
	return s.register(body.Username, body.DeviceID)
}
