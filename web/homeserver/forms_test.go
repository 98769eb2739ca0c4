package homeserver

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// wantForm is a refusal as a client reads it: status, errcode, the members beside errcode and error.
type wantForm struct {
	status  int
	code    string
	members map[string]any
}

func (w *world) wantForm(form wantForm, method, path string) map[string]any {
	w.t.Helper()
	answer := w.refused(form.status, form.code, method, path, w.alice, map[string]any{})
	members := maps.Clone(answer)
	delete(members, "errcode")
	delete(members, "error")
	if !maps.Equal(members, form.members) {
		w.t.Errorf("%s %s: members %v, want %v", method, path, members, form.members)
	}
	return answer
}

func TestEachFormOfTheTooLongErrorTellsTheLimitInItsOwnPlace(t *testing.T) {
	wants := map[TooLongForm]wantForm{
		TooLongDelay:          {400, "M_DELAY_TOO_LARGE", nil},
		TooLongDelayPrefixed:  {400, "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE", nil},
		TooLongForbidden:      {403, "M_FORBIDDEN", nil},
		TooLongInvalidParam:   {400, "M_INVALID_PARAM", nil},
		TooLongPrefixed:       {400, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", map[string]any{"org.matrix.msc4140.max_delay": 5000.0}},
		TooLongMaxDelay:       {400, "M_MAX_DELAY_EXCEEDED", map[string]any{"max_delay": 5000.0}},
		TooLongFutureMaxDelay: {400, "M_FUTURE_MAX_DELAY_EXCEEDED", map[string]any{"max_delay": 5000.0}},
		TooLongUnstable: {400, "M_UNKNOWN", map[string]any{
			"org.matrix.msc4140.errcode": "M_MAX_DELAY_EXCEEDED", "org.matrix.msc4140.max_delay": 5000.0,
		}},
	}
	inProse := []TooLongForm{TooLongDelay, TooLongDelayPrefixed, TooLongForbidden}
	for form := range tooLongForms {
		w := newWorld(t, Options{MaxDelayMs: 5000, TooLong: form})
		answer := w.wantForm(wants[form], "PUT", w.roomPath(leaveState+"?org.matrix.msc4140.delay=5001"))
		if strings.Contains(answer["error"].(string), "5000ms") != slices.Contains(inProse, form) {
			t.Errorf("%s: %v", form, answer)
		}
		w.delay(leaveState, w.alice, 5000, map[string]any{})
	}
}

func TestEachFormOfTooManySchedulesNothingAndOnlyThe429SaysWhenThereIsRoom(t *testing.T) {
	wants := map[TooManyForm]wantForm{
		TooManyLimit:         {429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 2500.0}},
		TooManyUserLimit:     {403, "M_USER_LIMIT_EXCEEDED", nil},
		TooManyResourceLimit: {403, "M_RESOURCE_LIMIT_EXCEEDED", nil},
		TooManyUnstable:      {400, "M_UNKNOWN", map[string]any{"org.matrix.msc4140.errcode": "M_MAX_DELAYED_EVENTS_EXCEEDED"}},
		TooManyMaxDelayed:    {400, "M_MAX_DELAYED_EVENTS_EXCEEDED", nil},
	}
	for form := range tooManyForms {
		w := newWorld(t, Options{MaxScheduled: 1, TooMany: form})
		w.delay("send/x/1", w.alice, 2500, map[string]any{})
		third := w.roomPath("send/x/2?org.matrix.msc4140.delay=1000")
		w.wantForm(wants[form], "PUT", third)
		w.clock.advance(2500 * time.Millisecond)
		w.ok("PUT", third, w.alice, map[string]any{})
	}
}

func TestWhenALimitWasLoweredTheWaitIsForTheFirstThatMakesRoom(t *testing.T) {
	w := newWorld(t, Options{})
	for _, ms := range []int{4000, 1000, 3000, 2000} {
		w.delay("send/x/"+time.Duration(ms).String(), w.alice, ms, map[string]any{})
	}
	options := w.server.Options()
	options.MaxScheduled = 2
	if err := w.server.SetOptions(options); err != nil {
		t.Fatal(err)
	}
	w.wantForm(wantForm{429, codeLimitExceeded, map[string]any{"retry_after_ms": 3000.0}}, "PUT", w.roomPath("send/x/more"+oneSecondDelay))
}

func TestEachFormOfOffSchedulesNothing(t *testing.T) {
	wants := map[OffForm]wantForm{
		OffForbidden: {403, "M_FORBIDDEN", nil},
		OffUnknown:   {400, "M_UNKNOWN", nil},
		OffUnstable:  {400, "M_UNKNOWN", map[string]any{"org.matrix.msc4140.errcode": "M_MAX_DELAY_UNSUPPORTED"}},
	}
	for form := range offForms {
		w := newWorld(t, Options{NoDelayedEvents: true, Off: form})
		w.wantForm(wants[form], "PUT", w.roomPath("send/x/1"+oneSecondDelay))
		w.clock.advance(time.Minute)
		if n := w.count("x"); n != 0 {
			t.Errorf("%s: %d events", form, n)
		}
	}
}

func TestAGenerationIsAllItsFormsAndAnOptionOfItsOwnGoesBeforeIt(t *testing.T) {
	w := newWorld(t, Options{MaxDelayMs: 5000})
	long := w.roomPath(leaveState + "?org.matrix.msc4140.delay=5001")
	for _, c := range []struct {
		options string
		code    string
		status  int
	}{
		{`{}`, "M_FORBIDDEN", 403},
		{`{"generation": "synapse-1.163"}`, "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE", 400},
		{`{"generation": "merged"}`, "M_DELAY_TOO_LARGE", 400},
		{`{"tooLong": "prefixed"}`, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", 400}, // what is not named stays: the generation
		{`{"generation": "2024-07"}`, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", 400},
		{`{"tooLong": ""}`, "M_MAX_DELAY_EXCEEDED", 400},
		{`{"generation": ""}`, "M_FORBIDDEN", 403},
	} {
		if code, _, text := w.admin("POST", asJSON, `{"options": `+c.options+`}`); code != 200 {
			t.Fatalf("%s: %d %s", c.options, code, text)
		}
		w.refused(c.status, c.code, "PUT", long, w.alice, map[string]any{})
	}
	for name, m := range generations {
		for _, err := range []error{
			checkName("tooLong", m.tooLong, tooLongForms), checkName("tooMany", m.tooMany, tooManyForms),
			checkName("off", m.off, offForms), checkName("finished", m.finished, finishedForms),
		} {
			if err != nil || m.tooLong == "" || m.tooMany == "" || m.off == "" || m.finished == "" {
				t.Errorf("%s: %+v: %v", name, m, err)
			}
		}
	}
	if m := (&Options{Generation: GenerationSynapse1126}).manners(); !m.ownStateCancels {
		t.Error("up to Synapse 1.126 one's own state cancels")
	}
}

func TestAFinishedDelayedEventIsAnsweredAsTheFormInForceHasIt(t *testing.T) {
	const unknown, conflict, again = http.StatusNotFound, http.StatusConflict, http.StatusOK
	ends := map[string]func(w *world, id string){
		"sent":      func(w *world, id string) { w.ok("POST", delayedPath("/"+id+"/send"), Account{}, nil) },
		"fired":     func(w *world, _ string) { w.clock.advance(5 * time.Second) },
		"cancelled": func(w *world, id string) { w.ok("POST", delayedPath("/"+id+"/cancel"), Account{}, nil) },
		"overwritten": func(w *world, _ string) {
			w.ok("PUT", w.roomPath(leaveState), w.moderator, map[string]any{"kicked": true})
		},
		"refused when due": func(w *world, _ string) {
			w.ok("PUT", w.roomPath("state/m.room.member/"+w.alice.UserID), w.moderator, map[string]any{"membership": "leave"})
			w.clock.advance(5 * time.Second)
		},
	}
	afterSent := map[string]int{"send": again, "cancel": conflict, "restart": conflict}
	afterCancel := map[string]int{"send": conflict, "cancel": again, "restart": conflict}
	for form, wants := range map[FinishedForm]map[string]map[string]int{
		FinishedNotFound: {},
		FinishedConflict: {
			"sent": afterSent, "fired": afterSent, "cancelled": afterCancel, "overwritten": afterCancel, "refused when due": afterCancel,
		},
		FinishedConflictKept: {
			"sent": afterSent, "fired": afterSent, "cancelled": afterCancel, "overwritten": afterCancel, "refused when due": afterCancel,
		},
	} {
		for how, end := range ends {
			w := newWorld(t, Options{Finished: form})
			id := w.delay(leaveState, w.alice, 5000, map[string]any{})
			end(w, id)
			before := len(w.timeline(w.moderator))
			for _, action := range []string{"send", "cancel", "restart"} {
				want := unknown
				if len(wants) > 0 {
					want = wants[how][action]
				}
				for _, c := range []struct {
					path string
					body any
				}{{"/" + action, nil}, {"", map[string]any{"action": action}}} {
					if got := w.do("POST", delayedPath("/"+id+c.path), Account{}, c.body); got.Code != want {
						t.Errorf("%s: %s after %s: %d %s, want %d", form, action, how, got.Code, got.Body, want)
					}
				}
			}
			w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/nobodys/send"), Account{}, nil)
			w.clock.advance(time.Minute)
			if n := len(w.timeline(w.moderator)); n != before {
				t.Errorf("%s: after %s %d more events", form, how, n-before)
			}
		}
	}
}

func TestInTheMergedFormASendThatIsRefusedLeavesTheEventScheduled(t *testing.T) {
	w := newWorld(t, Options{Generation: GenerationMerged})
	id := w.delay(leaveState, w.alice, 5000, map[string]any{})
	level := func(n int) {
		w.ok("PUT", w.roomPath("state/m.room.power_levels"), w.moderator, map[string]any{
			"users": map[string]any{w.moderator.UserID: 100}, "state_default": n,
		})
	}
	level(50)
	w.clock.advance(3 * time.Second)
	w.refused(http.StatusForbidden, codeForbidden, "POST", delayedPath("/"+id+"/send"), Account{}, nil)
	if list := w.ok("GET", delayedPath(""), w.alice, nil)["delayed_events"].([]any); len(list) != 1 {
		t.Fatalf("scheduled: %v", list)
	}
	level(0)
	w.clock.advance(1999 * time.Millisecond)
	if n := w.count("org.matrix.msc3401.call.member"); n != 0 {
		t.Fatal("sent before its time")
	}
	w.clock.advance(time.Millisecond)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events: its time is the one it had", n)
	}
}

func TestOfEachUserTheLastThousandEndingsAreRememberedForAWeek(t *testing.T) {
	w := newWorld(t, Options{Finished: FinishedConflict})
	cancelled := func(as Account) string {
		id := w.delay("state/x/k", as, 5000, map[string]any{})
		w.ok("POST", delayedPath("/"+id+"/cancel"), Account{}, nil)
		return id
	}
	first, theirs := cancelled(w.alice), cancelled(w.moderator)
	second := cancelled(w.alice)
	for range maxEndings - 1 {
		cancelled(w.alice)
	}
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+first+"/cancel"), Account{}, nil)
	w.ok("POST", delayedPath("/"+second+"/cancel"), Account{}, nil)
	w.ok("POST", delayedPath("/"+theirs+"/cancel"), Account{}, nil)
	w.clock.advance(7*24*time.Hour + time.Millisecond)
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+theirs+"/cancel"), Account{}, nil)
	cancelled(w.alice)
	if n := len(w.server.delayed.ended.byID); n != 2 { // and the moderator's, who ended nothing since
		t.Errorf("%d endings are kept", n)
	}
}

func TestFromTheDraftOf24JuneOnFuturesAreRefusedWithCodesAndNobodyIsLockedOut(t *testing.T) {
	w := newWorld(t, Options{MaxDelayMs: 60_000, FutureErrors: FutureErrorsByCode, MaxWrongTokens: 2})
	theirs := w.future(w.moderator, "theirs", "future_timeout=5000")
	for query, code := range map[string]string{
		"":                                     codeMissingParam,
		"future_timeout=60001":                 "M_FUTURE_MAX_TIMEOUT_EXCEEDED",
		"future_group_id=nobody":               "M_UNKNOWN_FUTURE_GROUP",
		inGroup(theirs):                        codeForbidden,
		"future_timeout=10&" + inGroup(theirs): codeForbidden,
	} {
		w.refused(http.StatusBadRequest, code, "PUT", w.roomPath("send_future/x/t?"+query), w.alice, map[string]any{})
	}
	for range 20 {
		w.refused(http.StatusGone, codeNotFound, "POST", "/_matrix/client/v3/future/guess", Account{}, nil)
	}
	w.use(theirs, "refresh")

	options := w.server.Options()
	options.ManagePerSecond, options.ManageBurst = 1, 2
	if err := w.server.SetOptions(options); err != nil {
		t.Fatal(err)
	}
	w.use(theirs, "refresh")
	w.refused(http.StatusGone, codeNotFound, "POST", "/_matrix/client/v3/future/guess", Account{}, nil)
	answer := w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST",
		"/_matrix/client/v3/future/"+theirs["refresh_token"].(string), Account{}, nil)
	if answer["retry_after_ms"] != 1000.0 {
		t.Errorf("retry_after_ms is %v", answer["retry_after_ms"])
	}
	w.clock.advance(time.Second)
	w.use(theirs, "refresh")
}

func TestWhoeverKnowsADelayIdMayManageTheEventWithAnyLoginOrNone(t *testing.T) {
	for _, as := range []Account{{}, newStranger} {
		w := newWorld(t, Options{})
		if as == newStranger {
			as = w.register("stranger")
		}
		id := w.delay(leaveState, w.alice, 5000, map[string]any{})
		w.clock.advance(4 * time.Second)
		w.ok("POST", delayedPath("/"+id+"/restart"), as, nil)
		w.clock.advance(4 * time.Second)
		w.ok("POST", delayedPath("/"+id), as, map[string]any{"action": "send"})
		events := w.timeline(w.alice)
		if last := events[len(events)-1]; last["sender"] != w.alice.UserID || last["state_key"] != "_DEV" {
			t.Errorf("sent by %q: %v", as.UserID, last)
		}
	}
}

// newStranger stands for a user who is to be registered.
var newStranger = Account{UserID: "a stranger"}
