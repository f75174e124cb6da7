package example

import (
	"reflect"
	"testing"

	"github.com/wiremock/go-wiremock"
)

func TestTriesAgain(t *testing.T) {
	url := kestub() + "/sandbox/fail"
	for _, failure := range []wiremock.Response{
		wiremock.NewResponse().WithStatus(503),
		wiremock.NewResponse().WithFault(wiremock.FaultConnectionResetByPeer),
	} {
		once := wiremock.Put(wiremock.URLPathMatching("/api/v1/main/users/.*/groups")).
			InScenario("once").
			WhenScenarioStateIs(wiremock.ScenarioStateStarted).
			WillSetStateTo("over").
			WillReturnResponse(failure)
		wireMock := wiremock.NewClient(url)
		if err := wireMock.StubFor(once); err != nil {
			t.Fatal(err)
		}
		client := Client{url}
		if err := client.SetGroups(alan, platform); err != nil {
			t.Error(err)
		}
		if groups, err := client.GroupsOf(alan); !reflect.DeepEqual(groups, []string{platform}) {
			t.Error(groups, err)
		}
		wireMock.ResetAllScenarios()
	}
}
