package homeserver

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// stateName names one piece of a room's state.
type stateName struct{ kind, key string }

// room is a timeline and the state it adds up to.
type room struct {
	id       string
	timeline []*event
	state    map[stateName]*event
	watchers map[chan struct{}]bool // streams to wake; each has room for one wake-up
}

const (
	memberJoin   = "join"
	memberLeave  = "leave"
	memberInvite = "invite"
	memberBan    = "ban"
)

func newRoom(id string) *room {
	return &room{id: id, state: map[stateName]*event{}, watchers: map[chan struct{}]bool{}}
}

// land puts a draft at the end of the room's timeline.
func (m *room) land(d draft, id string, at time.Time) *event {
	e := &event{draft: d, id: id, position: len(m.timeline), at: at}
	m.timeline = append(m.timeline, e)
	if e.stateKey != nil {
		name := stateName{e.kind, *e.stateKey}
		e.replaced = m.state[name]
		m.state[name] = e
	}
	for wake := range m.watchers {
		select {
		case wake <- struct{}{}:
		default: // one wake-up is pending already, and it reads everything
		}
	}
	return e
}

func membershipOf(e *event) string {
	if e != nil {
		if membership, ok := e.content["membership"].(string); ok {
			return membership
		}
	}
	return memberLeave
}

func (m *room) membership(userID string) string {
	return membershipOf(m.state[stateName{typeMember, userID}])
}

// membershipAt is a user's membership when the timeline was position+1 events long.
func (m *room) membershipAt(u *user, position int) string {
	e := m.state[stateName{typeMember, u.id}]
	for e != nil && e.position > position {
		e = e.replaced
	}
	return membershipOf(e)
}

func (m *room) joinRule() string {
	if e := m.state[stateName{kind: typeJoinRules}]; e != nil {
		if rule, ok := e.content["join_rule"].(string); ok {
			return rule
		}
	}
	return memberInvite
}

// joinedRoom finds a room its reader or writer is in; which rooms exist is nobody else's business.
func (s *Server) joinedRoom(d *device, roomID string) (*room, error) {
	if m := s.rooms[roomID]; m != nil && m.membership(d.user.id) == memberJoin {
		return m, nil
	}
	return nil, forbidden("User " + d.user.id + " not in room " + roomID)
}

// CreateRoomRequest is the body of POST /createRoom, as far as this server goes.
type CreateRoomRequest struct {
	Preset       string         `json:"preset"`
	Visibility   string         `json:"visibility"`
	Name         string         `json:"name"`
	Topic        string         `json:"topic"`
	RoomVersion  string         `json:"room_version"`
	Invite       []string       `json:"invite"`
	PowerLevels  map[string]any `json:"power_level_content_override"`
	InitialState []struct {
		Type     string         `json:"type"`
		StateKey string         `json:"state_key"`
		Content  map[string]any `json:"content"`
	} `json:"initial_state"`
}

// CreateRoom makes a room like POST /createRoom and returns its id.
func (s *Server) CreateRoom(account Account, body CreateRoomRequest) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[account.AccessToken]
	if d == nil {
		return "", errUnknownToken
	}
	m, err := s.createRoom(d, body)
	if err := s.settle(err); err != nil {
		return "", err
	}
	return m.id, nil
}

// Rooms lists the rooms a user is in, the oldest first.
func (s *Server) Rooms(account Account) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, m := range sortedBy(maps.Values(s.rooms), func(m *room) int64 { return m.timeline[0].at.UnixNano() }) {
		if m.membership(account.UserID) == memberJoin {
			ids = append(ids, m.id)
		}
	}
	return ids
}

// Join joins a room like POST /join/{room}.
func (s *Server) Join(account Account, roomID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[account.AccessToken]
	if d == nil {
		return errUnknownToken
	}
	return s.settle(s.join(d, roomID))
}

func (s *Server) createRoom(d *device, body CreateRoomRequest) (*room, error) {
	if !slices.Contains([]string{"", roomVersion}, body.RoomVersion) {
		return nil, badRequest("M_UNSUPPORTED_ROOM_VERSION", "'room_version' must be "+roomVersion)
	}
	joinRule := "invite"
	switch body.Preset {
	case "public_chat":
		joinRule = "public"
	case "":
		if body.Visibility == "public" {
			joinRule = "public"
		}
	case "private_chat", "trusted_private_chat":
	default:
		return nil, badRequest(codeInvalidParam, "'preset' must be public_chat, private_chat or trusted_private_chat")
	}
	levels := defaultLevels(d.user)
	for name, value := range body.PowerLevels {
		levels[name] = value
	}

	m := newRoom("!" + letters(18) + ":" + s.options.ServerName)
	steps := []draft{
		{kind: typeCreate, content: map[string]any{"room_version": roomVersion}},
		{kind: typeMember, stateKey: &d.user.id, content: memberContent(d.user, memberJoin)},
		{kind: typePowerLevels, content: levels},
		{kind: typeJoinRules, content: map[string]any{"join_rule": joinRule}},
		{kind: typeHistory, content: map[string]any{"history_visibility": "shared"}},
	}
	for _, initial := range body.InitialState {
		steps = append(steps, draft{kind: initial.Type, stateKey: &initial.StateKey, content: initial.Content})
	}
	if body.Name != "" {
		steps = append(steps, draft{kind: typeName, content: map[string]any{"name": body.Name}})
	}
	if body.Topic != "" {
		steps = append(steps, draft{kind: typeTopic, content: map[string]any{"topic": body.Topic}})
	}
	for _, userID := range body.Invite {
		steps = append(steps, draft{kind: typeMember, stateKey: &userID, content: map[string]any{"membership": memberInvite}})
	}
	for _, step := range steps {
		step.room, step.sender, step.device = m, d.user, d
		if step.stateKey == nil {
			step.stateKey = new(string)
		}
		if step.content == nil {
			step.content = map[string]any{}
		}
		if err := step.check(); err != nil {
			return nil, err
		}
		if _, err := s.write(step); err != nil {
			return nil, err
		}
	}
	s.rooms[m.id] = m
	s.tell(m.changes)
	return m, nil
}

func memberContent(u *user, membership string) map[string]any {
	return map[string]any{"membership": membership, "displayname": u.localpart}
}

func (s *Server) join(d *device, roomID string) error {
	m := s.rooms[roomID]
	if m == nil && !strings.HasPrefix(roomID, "!") {
		return badRequest(codeUnknown, roomID+" was not legal room ID or room alias")
	}
	if m == nil {
		return notFound(codeUnknown, "Can't join remote room because no servers that are in the room have been provided.")
	}
	_, err := s.write(draft{
		room: m, sender: d.user, device: d, kind: typeMember, stateKey: &d.user.id, content: memberContent(d.user, memberJoin),
	})
	return err
}

func (s *Server) postCreateRoom(r *request) (any, error) {
	var body CreateRoomRequest
	if err := r.object(&body); err != nil {
		return nil, err
	}
	m, err := s.createRoom(r.device, body)
	if err != nil {
		return nil, err
	}
	return map[string]any{"room_id": m.id}, nil
}

func (s *Server) postJoin(r *request) (any, error) {
	roomID := r.params["room"]
	if err := s.join(r.device, roomID); err != nil {
		return nil, err
	}
	return map[string]any{"room_id": roomID}, nil
}
