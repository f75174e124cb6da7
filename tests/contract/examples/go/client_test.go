// Stands for the code under test: sets groups, and tries again when the server is not well.
package example

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
)

const (
	alan     = "2EPi5XC0oluKRCVF56gcC"
	platform = "7C1klfgdQmLTCyrnlejrtg"
	dataEng  = "4LeYKUcqzLlRGlnKAzeqvF"
	token    = "KESTUB-root-token-for-tests-only-0123456789"
)

type Client struct{ url string }

func kestub() string {
	if url := os.Getenv("KESTUB_URL"); url != "" {
		return url
	}
	return "http://127.0.0.1:8080"
}

func (c Client) send(method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(request)
}

func (c Client) SetGroups(user string, groups ...string) error {
	body, err := json.Marshal(map[string][]string{"groupIds": groups})
	if err != nil {
		return err
	}
	for attempt := 0; attempt < 3; attempt++ {
		response, err := c.send("PUT", "/api/v1/main/users/"+user+"/groups", body)
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusNoContent {
			return nil
		}
	}
	return errors.New("the groups could not be set")
}

func (c Client) GroupsOf(user string) ([]string, error) {
	response, err := c.send("GET", "/api/v1/users/"+user, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var found struct{ Groups []struct{ ID string } }
	ids := []string{}
	err = json.NewDecoder(response.Body).Decode(&found)
	for _, group := range found.Groups {
		ids = append(ids, group.ID)
	}
	return ids, err
}
