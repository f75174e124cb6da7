package example

import (
	"reflect"
	"testing"
)

func TestSetsGroups(t *testing.T) {
	for _, group := range []string{platform, dataEng} {
		group := group
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			client := Client{kestub() + "/sandbox/" + group}
			if groups, err := client.GroupsOf(alan); len(groups) != 0 || err != nil {
				t.Fatal(groups, err)
			}
			if err := client.SetGroups(alan, group); err != nil {
				t.Fatal(err)
			}
			if groups, err := client.GroupsOf(alan); !reflect.DeepEqual(groups, []string{group}) {
				t.Error(groups, err)
			}
		})
	}
}
