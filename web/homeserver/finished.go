package homeserver

import (
	"maps"
	"net/http"
	"time"
)

// FinishedForm names one of the ways in which an action on a delayed event is answered that was sent or cancelled before.
type FinishedForm string

const (
	// FinishedNotFound is Synapse: a finished event is deleted, and any action on it is 404.
	FinishedNotFound FinishedForm = "not-found"
	// FinishedConflict is the MSC from 2026-05-14 on: send after sent and cancel after cancelled are 200 once more, all else is 409.
	FinishedConflict FinishedForm = "conflict"
	// FinishedConflictKept is the merged MSC: besides, a send that is refused leaves the event scheduled.
	FinishedConflictKept FinishedForm = "conflict-kept"
)

// finishedForms says what each form does.
var finishedForms = map[FinishedForm]struct {
	remembers bool // how the event ended
	keeps     bool // an event whose sending is refused
}{
	FinishedNotFound:     {false, false},
	FinishedConflict:     {true, false},
	FinishedConflictKept: {true, true},
}

// What the drafts suggest to remember of each user.
const (
	maxEndings   = 1000
	endingsStand = 7 * 24 * time.Hour
)

// ending is how one delayed event ended: it was sent, or not (cancelled, overwritten, refused when it was due).
type ending struct {
	delayID string
	sent    bool
	at      time.Time
}

// endings remembers the last of each user, whatever the form in force, which may change.
type endings struct {
	byUser map[*user][]ending // oldest first
	byID   map[string]ending
}

func newEndings() *endings { return &endings{byUser: map[*user][]ending{}, byID: map[string]ending{}} }

func (n *endings) add(owner *user, e ending) {
	list := append(n.byUser[owner], e)
	for len(list) > maxEndings || e.at.Sub(list[0].at) > endingsStand {
		delete(n.byID, list[0].delayID)
		list = list[1:]
	}
	n.byUser[owner], n.byID[e.delayID] = list, e
}

// changes are what is remembered.
func (n *endings) changes() []change {
	var all []change
	for _, u := range sortedBy(maps.Keys(n.byUser), func(u *user) string { return u.id }) {
		for _, e := range n.byUser[u] {
			all = append(all, change{Finished: &finishedChange{u.id, e.delayID, e.sent, e.at}})
		}
	}
	return all
}

// answer is what an action on an event that is not scheduled gets: nil where it asks for what has happened anyway.
func (n *endings) answer(form FinishedForm, delayID, action string, now time.Time) error {
	e, known := n.byID[delayID]
	if !known || !finishedForms[form].remembers || now.Sub(e.at) > endingsStand {
		return errDelayedNotFound
	}
	switch {
	case e.sent && action == "send", !e.sent && action == "cancel":
		return nil
	case e.sent:
		return &matrixError{status: http.StatusConflict, code: codeUnknown, text: "Delayed event has already been sent"}
	}
	return &matrixError{status: http.StatusConflict, code: codeUnknown, text: "Delayed event has already been cancelled"}
}
