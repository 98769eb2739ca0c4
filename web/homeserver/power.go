package homeserver

import (
	"encoding/json"
	"fmt"
	"strings"
)

// levels is the content of m.room.power_levels; an absent number has the spec's default.
type levels struct {
	Users         map[string]int64 `json:"users"`
	UsersDefault  int64            `json:"users_default"`
	Events        map[string]int64 `json:"events"`
	EventsDefault int64            `json:"events_default"`
	StateDefault  *int64           `json:"state_default"`
	Invite        int64            `json:"invite"`
	Kick          *int64           `json:"kick"`
	Ban           *int64           `json:"ban"`
}

const powerModerator, powerAdmin = 50, 100

// defaultLevels are those of a new room; power_level_content_override replaces them member by member.
func defaultLevels(creator *user) map[string]any {
	return map[string]any{
		"users":          map[string]any{creator.id: powerAdmin},
		"users_default":  0,
		"events":         map[string]any{typeName: powerModerator, typePowerLevels: powerAdmin, typeHistory: powerAdmin},
		"events_default": 0,
		"state_default":  powerModerator,
		"invite":         0,
		"kick":           powerModerator,
		"ban":            powerModerator,
		"redact":         powerModerator,
	}
}

func parseLevels(content map[string]any) (levels, error) {
	var l levels
	if err := json.Unmarshal(encode(content), &l); err != nil {
		return l, badRequest(codeBadJSON, "'"+typePowerLevels+"' may only hold integers")
	}
	return l, nil
}

func orModerator(level *int64) int64 {
	if level == nil {
		return powerModerator
	}
	return *level
}

func (l *levels) of(userID string) int64 {
	if level, ok := l.Users[userID]; ok {
		return level
	}
	return l.UsersDefault
}

func (l *levels) needed(d *draft) int64 {
	if level, ok := l.Events[d.kind]; ok {
		return level
	}
	if d.stateKey != nil {
		return orModerator(l.StateDefault)
	}
	return l.EventsDefault
}

// authorize is the spec's authorization rules as far as this server goes. A scheduled event meets them when it is really sent
// (MSC4140), not when it is scheduled.
func (m *room) authorize(d *draft) error {
	if len(m.timeline) == 0 && d.kind == typeCreate || len(m.timeline) == 1 && d.kind == typeMember {
		return nil // the room being made: its creation, then its creator's join
	}
	if d.kind == typeCreate {
		return forbidden("A room is created once")
	}
	var l levels
	if e := m.state[stateName{kind: typePowerLevels}]; e != nil {
		l, _ = parseLevels(e.content) // checked when it was written
	} else {
		l.Users = map[string]int64{m.timeline[0].sender.id: powerAdmin}
	}
	if d.kind == typeMember && d.stateKey != nil {
		return m.authorizeMember(d, &l)
	}
	if m.membership(d.sender.id) != memberJoin {
		return forbidden("User " + d.sender.id + " not in room " + m.id)
	}
	if have, need := l.of(d.sender.id), l.needed(d); have < need {
		return forbidden(fmt.Sprintf("You don't have permission to post that to the room. user_level (%d) < send_level (%d)", have, need))
	}
	if d.stateKey != nil && strings.HasPrefix(*d.stateKey, "@") && *d.stateKey != d.sender.id {
		return forbidden("You are not allowed to set others state")
	}
	return nil
}

// authorizeMember holds the rules of joining, leaving, inviting, kicking and banning.
func (m *room) authorizeMember(d *draft, l *levels) error {
	sender, target := d.sender.id, *d.stateKey
	before := m.membership(target)
	wanted, _ := d.content["membership"].(string)
	if sender == target {
		switch {
		case wanted == memberJoin && (before == memberJoin || before == memberInvite || before != memberBan && m.joinRule() == "public"):
			return nil
		case wanted == memberLeave && (before == memberJoin || before == memberInvite):
			return nil
		}
		return forbidden("You are not invited to this room.")
	}
	if m.membership(sender) != memberJoin {
		return forbidden("User " + sender + " not in room " + m.id)
	}
	power := l.of(sender)
	switch {
	case wanted == memberInvite && before != memberJoin && before != memberBan && power >= l.Invite:
		return nil
	case wanted == memberLeave && before != memberBan && power >= orModerator(l.Kick) && power > l.of(target):
		return nil
	case wanted == memberLeave && before == memberBan && power >= orModerator(l.Ban):
		return nil
	case wanted == memberBan && power >= orModerator(l.Ban) && power > l.of(target):
		return nil
	}
	return forbidden("You don't have permission to change the membership of " + target + " to '" + wanted + "'")
}
