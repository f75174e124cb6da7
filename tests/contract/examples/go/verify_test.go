package example

import (
	"net/http"
	"testing"

	"github.com/wiremock/go-wiremock"
)

func TestSetsGroupsByOneRequest(t *testing.T) {
	url := kestub() + "/sandbox/verify"
	if err := (Client{url}).SetGroups(alan, platform); err != nil {
		t.Fatal(err)
	}

	path := wiremock.URLPathEqualTo("/api/v1/main/users/" + alan + "/groups")
	call := wiremock.NewRequest(http.MethodPut, path).
		WithBodyPattern(wiremock.EqualToJson(`{"groupIds":["` + platform + `"]}`))
	if verified, err := wiremock.NewClient(url).Verify(call, 1); !verified || err != nil {
		t.Error("not one such request", err)
	}
}
