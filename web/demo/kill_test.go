package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// asDemo, in the environment, has this test's binary be the demo, so that there is a process to kill.
const asDemo = "RUN_AS_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(asDemo) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// killable is a demo in a process of its own.
type killable struct {
	config
	t       *testing.T
	process *exec.Cmd
}

func startKillable(t *testing.T, dir, journal string) *killable {
	t.Helper()
	process := exec.Command(os.Args[0], "-announce", "-dir", dir, "-journal", journal,
		"-host", anyPorts.host, "-widget", anyPorts.widget, "-homeserver", anyPorts.homeserver)
	process.Env = append(os.Environ(), asDemo+"=1")
	process.Stderr = os.Stderr
	if _, err := process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	k := &killable{t: t, process: process}
	t.Cleanup(k.kill)
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal("the demo ended before it served")
	}
	if err := json.Unmarshal(line, &k.config); err != nil {
		t.Fatal(err)
	}
	return k
}

// kill is SIGKILL: nothing of the demo gets to say goodbye.
func (k *killable) kill() {
	_ = k.process.Process.Kill()
	_ = k.process.Wait()
}

func (k *killable) ask(method, path, body string) map[string]any {
	k.t.Helper()
	r, err := http.NewRequest(method, k.Homeserver+"_matrix/client/"+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+k.AccessToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	var answer map[string]any
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(raw, &answer) != nil {
		k.t.Fatalf("%s %s: %d %s %v", method, path, response.StatusCode, raw, err)
	}
	return answer
}

func (k *killable) inRoom(rest string) string {
	return "v3/rooms/" + url.PathEscape(k.RoomID) + "/" + rest
}

// landed names the events of the test that are in the room, and when each landed.
func (k *killable) landed() (names []string, at map[string]time.Time) {
	k.t.Helper()
	at = map[string]time.Time{}
	for _, e := range k.ask("GET", k.inRoom("messages?dir=f&limit=1000"), "")["chunk"].([]any) {
		if e := e.(map[string]any); e["type"] == "test" {
			name := e["content"].(map[string]any)["name"].(string)
			names = append(names, name)
			at[name] = time.UnixMilli(int64(e["origin_server_ts"].(float64)))
		}
	}
	return names, at
}

func TestWhatIsScheduledSurvivesAKilledProcessAndFiresOnTimeAndOnce(t *testing.T) {
	dir, journal := built(t), filepath.Join(t.TempDir(), "journal")
	k := startKillable(t, dir, journal)
	first := k.config
	const later = 3 * time.Second
	began := time.Now()
	k.ask("PUT", k.inRoom("send/test/1?org.matrix.msc4140.delay=3000"), `{"name":"delayed, later"}`)
	k.ask("PUT", k.inRoom("send/test/2?org.matrix.msc4140.delay=500"), `{"name":"delayed, soon"}`)
	soon := k.ask("PUT", k.inRoom("send_future/test/3?future_timeout=600"), `{"name":"future, soon"}`)
	k.ask("PUT", k.inRoom("send_future/test/4?future_timeout=700&future_group_id="+soon["future_group_id"].(string)), `{"name":"of its group, never"}`)
	kept := k.ask("PUT", k.inRoom("send_future/test/5?future_timeout=3100"), `{"name":"future, later"}`)
	k.ask("POST", "v3/future/"+kept["refresh_token"].(string), "")
	ended := time.Now()
	k.kill()

	time.Sleep(time.Until(ended.Add(800 * time.Millisecond)))
	k = startKillable(t, dir, journal)
	if k.AccessToken != first.AccessToken || k.RoomID != first.RoomID || k.Moderator != first.Moderator {
		t.Fatalf("another world: %+v, before %+v", k.config, first)
	}
	if names, _ := k.landed(); !slices.Equal(names[:min(2, len(names))], []string{"delayed, soon", "future, soon"}) {
		t.Fatalf("back again: %q", names)
	}
	k.kill() // and again, while the others still wait

	k = startKillable(t, dir, journal)
	want := []string{"delayed, soon", "future, soon", "delayed, later", "future, later"}
	for deadline := time.Now().Add(later + 30*time.Second); ; time.Sleep(20 * time.Millisecond) {
		names, at := k.landed()
		if len(names) == len(want) || time.Now().After(deadline) {
			if !slices.Equal(names, want) {
				t.Fatalf("in the end: %q", names)
			}
			for _, name := range want[2:] {
				if at[name].Before(began.Add(later).Truncate(time.Millisecond)) {
					t.Errorf("%s: %v too early", name, began.Add(later).Sub(at[name]))
				}
			}
			break
		}
	}
	k.kill()
	if names, _ := startKillable(t, dir, journal).landed(); !slices.Equal(names, want) {
		t.Errorf("opened once more: %q", names)
	}
}

func TestTwoDemosDoNotShareAJournal(t *testing.T) {
	dir, journal := built(t), filepath.Join(t.TempDir(), "journal")
	startKillable(t, dir, journal)
	if _, err := start(anyPorts, dir, journal); err == nil || !strings.Contains(err.Error(), "-journal: journal "+journal+": another server") {
		t.Errorf("got %v", err)
	}
}

func TestADemoWhoseAliceWasBannedMovesToAnotherRoom(t *testing.T) {
	dir, journal := built(t), filepath.Join(t.TempDir(), "journal")
	k := startKillable(t, dir, journal)
	alice, room := k.UserID, k.RoomID
	k.AccessToken = k.Moderator.AccessToken
	k.ask("PUT", k.inRoom("state/m.room.member/"+url.PathEscape(alice)), `{"membership":"ban"}`)
	k.kill()
	k = startKillable(t, dir, journal)
	if k.RoomID == room || k.UserID != alice {
		t.Fatalf("it is %+v", k.config)
	}
	k.ask("PUT", k.inRoom("send/test/1"), `{"name":"she may write"}`)
}
