package homeserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// adminState is what AdminHandler answers, and in part what it takes.
type adminState struct {
	Options     Options `json:"options"`
	Faults      Faults  `json:"faults"`
	ClockStepMs int64   `json:"clockStepMs"` // all steps of the wall clock together
}

// AdminHandler changes the server while it runs: GET tells options, faults and how far its clock was stepped; POST takes {"options": …,
// "faults": …, "forget": true, "restart": true, "stepClockMs": 3600000}, each if wanted. Options not named stay as they are, faults not
// named are over; "forget" drops every scheduled event; "restart" begins again from the journal, if there is one (Restart); the step is one
// more. It asks for no login, so serve it on loopback only; that a POST must be application/json keeps pages of other origins out.
func (s *Server) AdminHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
		case http.MethodPost:
			if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
				writeJSON(w, http.StatusUnsupportedMediaType, map[string]string{"error": "Content-Type must be application/json"})
				return
			}
			if err := s.administer(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
				writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
		default:
			w.Header().Set("Allow", "GET, POST")
			writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "Only GET and POST."})
			return
		}
		writeAnswer(w, adminState{s.Options(), s.Faults(), s.steppedMs()})
	})
}

// administer changes all that is asked for or nothing.
func (s *Server) administer(body io.Reader) error {
	var wanted struct {
		Options     json.RawMessage `json:"options"`
		Faults      json.RawMessage `json:"faults"`
		Forget      bool            `json:"forget"`
		Restart     bool            `json:"restart"`
		StepClockMs int64           `json:"stepClockMs"`
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if err := decodeStrictly(raw, &wanted); err != nil {
		return err
	}
	options, faults := s.Options(), Faults{}
	if wanted.Options != nil {
		if err := decodeStrictly(wanted.Options, &options); err != nil {
			return err
		}
	}
	if wanted.Faults != nil {
		if err := decodeStrictly(wanted.Faults, &faults); err != nil {
			return err
		}
		if err := faults.check(); err != nil {
			return err
		}
	}
	if wanted.Restart && !s.hasJournal() {
		return errNoJournal
	}
	if err := s.checkStep(wanted.StepClockMs); err != nil {
		return err
	}
	if err := s.SetOptions(options); err != nil {
		return err
	}
	if wanted.Forget {
		s.ForgetScheduled()
	}
	if wanted.Restart {
		if err := s.Restart(); err != nil {
			return err
		}
	}
	if wanted.Faults != nil {
		if err := s.SetFaults(faults); err != nil {
			return err
		}
	}
	if wanted.StepClockMs != 0 {
		return s.StepClock(wanted.StepClockMs)
	}
	return nil
}

// decodeStrictly takes no member it does not know: a mistyped fault would otherwise be a good day.
func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("there is more than one JSON value")
	}
	return nil
}
