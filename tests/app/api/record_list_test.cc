#include "app/api/record_list.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(RecordPlace, ReadsWhatItPrints) {
  for (const RecordPlace place : {RecordPlace{0, 0}, RecordPlace{0, 512}, RecordPlace{2, 7}}) {
    const auto read = RecordPlace::parse(place.text());
    ASSERT_TRUE(read) << place.text();
    EXPECT_EQ(read->log, place.log);
    EXPECT_EQ(read->index, place.index);
  }
  for (const char* text :
       {"", "x", "1x", "-1", "1.", ".1", "1.2.3", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(RecordPlace::parse(text)) << text;
  }
}

TEST(RecordSearch, TakesWhatItKnowsAndNamesTheRest) {
  const Result<RecordSearch> search =
      read_search("agent=a%20b&kind=operator.*&from=5&to=9&before=2.7&limit=500&name=");
  ASSERT_TRUE(search) << search.error().message;
  EXPECT_EQ(search->filter.agent, "a b");
  EXPECT_EQ(search->filter.area, "operator");
  EXPECT_EQ(search->filter.kind, "");
  EXPECT_EQ(search->filter.name, "");
  EXPECT_EQ(search->filter.since, 5);
  EXPECT_EQ(search->filter.until, 9);
  EXPECT_EQ(search->filter.limit, 500U);
  EXPECT_EQ(search->before->text(), "2.7");
  EXPECT_EQ(read_search("")->filter.limit, 100U);
  const std::pair<const char*, const char*> cases[] = {
      {"limit=0", "limit: expected a number from 1 to 500"},
      {"limit=501", "limit: expected a number from 1 to 500"},
      {"limit=1e2", "limit: expected a number from 1 to 500"},
      {"kind=tool", "kind: expected one of"},
      {"kind=tools.*", "kind: expected one of"},
      {"kind=.*", "kind: expected one of"},
      {"outcome=fine", "outcome: expected confirmed"},
      {"workflow=1", "workflow: expected a UUID"},
      {"from=-1", "from: expected a number"},
      {"before=-1", "before: expected `next`"},
      {"tool=x", "tool: expected no such parameter, but of agent"},
  };
  for (const auto& [query, message] : cases) {
    const Result<RecordSearch> refused = read_search(query);
    ASSERT_FALSE(refused) << query;
    EXPECT_EQ(refused.error().code, Code::kInvalidParams) << query;
    EXPECT_TRUE(refused.error().message.starts_with(message)) << refused.error().message;
  }
  EXPECT_FALSE(read_search("agent=" + std::string(1025, 'a')));
}

}  // namespace
}  // namespace pawl
