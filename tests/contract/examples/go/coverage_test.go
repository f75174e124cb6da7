package example

import (
	"io"
	"net/http"
	"regexp"
	"testing"
)

func TestExercisesWhatItShould(t *testing.T) {
	url := kestub() + "/sandbox/coverage"
	if err := (Client{url}).SetGroups(alan, platform); err != nil {
		t.Fatal(err)
	}

	request, _ := http.NewRequest(http.MethodGet, url+"/__admin/kestub/coverage", nil)
	request.Header.Set("Accept", "text/plain")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := io.ReadAll(response.Body)
	t.Logf("%s", table) // with -v
	if !regexp.MustCompile(`updateUserGroups +204 x\d`).Match(table) {
		t.Error("no test sets groups")
	}
}
