package homeserver

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The futures of June 2024: MSC4140 as it stood when the first draft of MSC4157 was written (2024-06-19, commit 99b3a20c3): tokens
// that need no login, and groups of which at most one event ever reaches the room.

const (
	queryTimeout = "future_timeout"
	queryGroup   = "future_group_id"

	generationFutures = "futures"

	verbSend    = "send"
	verbCancel  = "cancel"
	verbRefresh = "refresh"
)

var (
	errNeitherTimeoutNorGroup = &matrixError{
		status: http.StatusBadRequest, code: codeMissingParam,
		text: "One of the query parameters " + queryTimeout + " and " + queryGroup + " is needed",
	}
	errSpentToken = &matrixError{
		status: http.StatusGone, code: codeNotFound, text: "The future token is unknown or was used up",
	}
)

// futureGroup is one "at most one of these". It lives as long as it has a timeout future.
type futureGroup struct {
	id      string
	owner   *user
	members []*future
}

// future is one member of a group, with its tokens by verb.
type future struct {
	entry  *entry
	group  *futureGroup
	url    string // as it was asked for, for GET /future
	tokens map[string]string
}

// tokenUse is what a token stands for. Tokens look alike on purpose: who holds one cannot tell.
type tokenUse struct {
	future *future
	verb   string
}

// futureBook keeps the entries of this generation by token, by group and by entry.
type futureBook struct {
	s       *Server
	groups  map[string]*futureGroup
	byToken map[string]tokenUse
	byEntry map[*entry]*future
	tries   map[string]*wrongTries
}

func newFutureBook(s *Server) *futureBook {
	return &futureBook{
		s:       s,
		groups:  map[string]*futureGroup{},
		byToken: map[string]tokenUse{},
		byEntry: map[*entry]*future{},
		tries:   map[string]*wrongTries{},
	}
}

func (b *futureBook) describe(e *entry, c *scheduleChange) {
	f := b.byEntry[e]
	c.Generation, c.Group, c.URL, c.Tokens = generationFutures, f.group.id, f.url, f.tokens
}

func (b *futureBook) restore(e *entry, c *scheduleChange) {
	g := b.groups[c.Group]
	if g == nil {
		g = &futureGroup{id: c.Group, owner: e.draft.sender}
	}
	b.keep(&future{entry: e, group: g, url: c.URL, tokens: c.Tokens})
}

// keep takes a future into the books and its group.
func (b *futureBook) keep(f *future) {
	for verb, token := range f.tokens {
		b.byToken[token] = tokenUse{f, verb}
	}
	f.group.members = append(f.group.members, f)
	b.groups[f.group.id] = f.group
	b.byEntry[f.entry] = f
}

// forget undoes that; a group ends with its last member.
func (b *futureBook) forget(e *entry) {
	f := b.byEntry[e]
	for _, token := range f.tokens {
		delete(b.byToken, token)
	}
	delete(b.byEntry, e)
	f.group.members = slices.DeleteFunc(f.group.members, func(member *future) bool { return member == f })
	if len(f.group.members) == 0 {
		delete(b.groups, f.group.id)
	}
}

// due: the timer ran out, so this member goes out and takes the group with it; a refusal has nobody to be answered to.
func (b *futureBook) due(e *entry) bool { return b.send(b.byEntry[e], howFired) == nil }

// overwritten: in this draft any new event of the same state, the sender's own included, makes a future invalid.
func (b *futureBook) overwritten(e *entry, _ *user) { b.remove(b.byEntry[e], howOverwritten) }

// send ends the group first, so that nothing the event sets off can send a second member.
func (b *futureBook) send(f *future, how how) error {
	b.s.scheduler.drop(f.entry)
	b.end(f.group)
	return b.s.scheduler.send(f.entry, how)
}

// remove drops one member; a group left without a timeout future could wait for ever, so it ends too.
func (b *futureBook) remove(f *future, how how) {
	b.s.scheduler.end(f.entry, how)
	if !f.group.hasTimeout() {
		b.end(f.group)
	}
}

func (b *futureBook) end(g *futureGroup) {
	for len(g.members) > 0 {
		b.s.scheduler.end(g.members[0].entry, howGroup)
	}
}

func (g *futureGroup) hasTimeout() bool {
	return slices.ContainsFunc(g.members, func(f *future) bool { return f.entry.timed })
}

// forms are those of the draft in force.
func (b *futureBook) forms() futureForm {
	return futureForms[cmp.Or(b.s.options.FutureErrors, FutureErrorsByStatus)]
}

// groupFor finds or makes the group a new future belongs to.
func (b *futureBook) groupFor(owner *user, id string, timed bool) (*futureGroup, error) {
	g, forms := b.groups[id], b.forms()
	switch {
	case g != nil && g.owner != owner:
		return nil, forms.foreignGroup.refuse(0, 0)
	case g == nil && !timed:
		return nil, forms.noTimeoutInGroup.refuse(0, 0)
	case g != nil:
		return g, nil
	}
	if id == "" {
		id = token(16)
	}
	return &futureGroup{id: id, owner: owner}, nil
}

func (b *futureBook) schedule(d draft, timeoutMs int64, timed bool, groupID, url string) (any, error) {
	if wait, full := b.s.scheduler.full(d.sender, b.s.options.MaxScheduled); full {
		return nil, TooManyLimit.refuse(wait)
	}
	g, err := b.groupFor(d.sender, groupID, timed)
	if err != nil {
		return nil, err
	}
	verbs := []string{verbSend, verbCancel}
	if timed {
		verbs = append(verbs, verbRefresh)
	}
	e := &entry{draft: d, keeper: b, delay: time.Duration(timeoutMs) * time.Millisecond, timed: timed}
	f := &future{entry: e, group: g, url: url, tokens: map[string]string{}}
	for _, verb := range verbs {
		f.tokens[verb] = token(16)
	}
	b.keep(f)
	b.s.scheduler.add(e)
	return f.answer(), nil
}

// answer is the response to the PUT; a refresh token is there only if there is a timer.
func (f *future) answer() map[string]string {
	answer := map[string]string{queryGroup: f.group.id}
	for verb, token := range f.tokens {
		answer[verb+"_token"] = token
	}
	return answer
}

func (s *Server) putSendFuture(r *request) (any, error) {
	return s.once(r, "send_future", func() (any, error) { return s.scheduleFuture(r, false) })
}

func (s *Server) putStateFuture(r *request) (any, error) { return s.scheduleFuture(r, true) }

func (s *Server) scheduleFuture(r *request, isState bool) (any, error) {
	d, err := s.draft(r, isState)
	if err != nil {
		return nil, err
	}
	timeout, timed, err := r.milliseconds(queryTimeout)
	if err != nil {
		return nil, err
	}
	groupID := r.query.Get(queryGroup)
	if !timed && groupID == "" {
		return nil, errNeitherTimeoutNorGroup
	}
	if most := s.options.MaxDelayMs; timeout > most {
		return nil, badRequest("M_FUTURE_MAX_TIMEOUT_EXCEEDED", queryTimeout+" is above the maximum of "+strconv.FormatInt(most, 10)+" ms")
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.room, err = s.joinedRoom(r.device, r.params["room"]); err != nil {
		return nil, err
	}
	return s.futures.schedule(d, timeout, timed, groupID, futureURL(r))
}

// futureURL is the request's path and the two parameters of this draft, whatever else (a token!) its query had.
func futureURL(r *request) string {
	kept := url.Values{}
	for _, name := range []string{queryTimeout, queryGroup} {
		if r.query.Has(name) {
			kept.Set(name, r.query.Get(name))
		}
	}
	return r.http.URL.EscapedPath() + "?" + kept.Encode()
}

// getFutures lists a user's futures: a bare array in this draft.
func (s *Server) getFutures(r *request) (any, error) {
	list := []map[string]any{}
	for _, e := range s.scheduler.of(r.device.user, s.futures) {
		f := s.futures.byEntry[e]
		list = append(list, map[string]any{"url": f.url, "body": e.draft.content, "response": f.answer()})
	}
	return list, nil
}
