#include "infrastructure/mcp/methods.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "foundation/records/kinds.h"
#include "tests/support/source_dir.h"

namespace pawl::mcp {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(source_dir() + "/" + path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct SchemaMethod {
  std::string method;
  Side sender;
  Form form;
  bool embedded = false;
  bool operator<(const SchemaMethod& other) const {
    return std::tie(method, sender, form) < std::tie(other.method, other.sender, other.form);
  }
};

// The definitions that a union such as ClientRequest names, or itself when it is no union.
std::vector<std::string> union_members(const json::Object& defs, const std::string& name) {
  const json::Value* definition = defs.if_contains(name);
  if (definition == nullptr) {
    return {};
  }
  const json::Value* any = json::find(*definition, {"anyOf"});
  if (any == nullptr) {
    return {name};
  }
  std::vector<std::string> out;
  for (const json::Value& entry : any->get_array()) {
    const std::string ref(json::find_string(entry, {"$ref"}).value_or(""));
    out.push_back(ref.substr(ref.rfind('/') + 1));
  }
  return out;
}

std::set<SchemaMethod> schema_methods(const std::string& revision) {
  const Result<json::Parsed> schema =
      json::parse(read_file("tests/vectors/mcp/schema-" + revision + ".json"));
  EXPECT_TRUE(schema) << (schema ? "" : schema.error().message);
  const json::Object& defs = json::find(schema->value, {"$defs"})->get_object();
  const struct {
    const char* name;
    Side sender;
    Form form;
    bool embedded;
  } unions[] = {
      {"ClientRequest", Side::kClient, Form::kRequest, false},
      {"ServerRequest", Side::kServer, Form::kRequest, false},
      {"ClientNotification", Side::kClient, Form::kNotification, false},
      {"ServerNotification", Side::kServer, Form::kNotification, false},
      {"InputRequest", Side::kServer, Form::kRequest, true},
  };
  std::set<SchemaMethod> out;
  for (const auto& u : unions) {
    for (const std::string& member : union_members(defs, u.name)) {
      const auto method = json::find_string(defs.at(member), {"properties", "method", "const"});
      EXPECT_TRUE(method) << member;
      out.insert(SchemaMethod{std::string(method.value_or("")), u.sender, u.form, u.embedded});
    }
  }
  return out;
}

TEST(MethodsTest, HasEveryMethodOfThePublishedSchemas) {
  for (const char* revision : {"2025-11-25", "2026-07-28"}) {
    const std::set<SchemaMethod> methods = schema_methods(revision);
    EXPECT_GT(methods.size(), 15u);
    for (const SchemaMethod& m : methods) {
      SCOPED_TRACE(std::string(revision) + " " + m.method);
      const MethodInfo* info =
          m.embedded ? find_embedded(m.method) : find_method(m.method, revision, m.sender, m.form);
      EXPECT_NE(info, nullptr);
    }
  }
}

// Every definition of the schemas that has a method, in whatever union, is in the table.
TEST(MethodsTest, MissesNoDefinitionThatNamesAMethod) {
  for (const char* revision : {"2025-11-25", "2026-07-28"}) {
    const Result<json::Parsed> schema =
        json::parse(read_file(std::string("tests/vectors/mcp/schema-") + revision + ".json"));
    ASSERT_TRUE(schema);
    for (const auto& definition : json::find(schema->value, {"$defs"})->get_object()) {
      const auto method = json::find_string(definition.value(), {"properties", "method", "const"});
      if (!method) {
        continue;
      }
      const bool known =
          std::any_of(methods().begin(), methods().end(),
                      [&](const MethodInfo& info) { return info.method == *method; });
      EXPECT_TRUE(known) << revision << " " << *method;
    }
  }
}

// And the reverse: nothing passes that the schema or the tasks extension does not have.
TEST(MethodsTest, HasNothingBeyondTheSchemas) {
  const std::set<std::string> extension = {"tasks/get", "tasks/cancel", "tasks/update",
                                           "notifications/tasks"};
  for (const char* revision : {"2025-11-25", "2026-07-28"}) {
    std::set<SchemaMethod> expected = schema_methods(revision);
    for (const MethodInfo& info : methods()) {
      for (Side side : {Side::kClient, Side::kServer}) {
        if (find_method(info.method, revision, side, info.form) == nullptr) {
          continue;
        }
        SCOPED_TRACE(std::string(revision) + " " + std::string(info.method));
        const bool by_extension =
            std::string(revision) == "2026-07-28" && extension.contains(std::string(info.method));
        EXPECT_TRUE(by_extension || expected.contains({std::string(info.method), side, info.form}));
      }
    }
  }
}

TEST(MethodsTest, FindsOnlyWhatEraSenderAndFormAllow) {
  const struct {
    const char* name;
    const char* method;
    const char* revision;
    Side sender;
    Form form;
    bool found;
  } cases[] = {
      {"a call", "tools/call", "2025-11-25", Side::kClient, Form::kRequest, true},
      {"a call by a server", "tools/call", "2025-11-25", Side::kServer, Form::kRequest, false},
      {"a call as notification", "tools/call", "2025-11-25", Side::kClient, Form::kNotification,
       false},
      {"case matters", "Tools/Call", "2025-11-25", Side::kClient, Form::kRequest, false},
      {"unknown method", "tools/delete", "2025-11-25", Side::kClient, Form::kRequest, false},
      {"empty method", "", "2025-11-25", Side::kClient, Form::kRequest, false},
      {"unknown revision", "tools/call", "2024-01-01", Side::kClient, Form::kRequest, false},
      {"empty revision", "tools/call", "", Side::kClient, Form::kRequest, false},
      {"initialize is legacy", "initialize", "2026-07-28", Side::kClient, Form::kRequest, false},
      {"ping is legacy", "ping", "2026-07-28", Side::kClient, Form::kRequest, false},
      {"discover is modern", "server/discover", "2025-11-25", Side::kClient, Form::kRequest, false},
      {"tasks came in 2025-11-25", "tasks/get", "2025-06-18", Side::kClient, Form::kRequest, false},
      {"a server asks for a client's task", "tasks/get", "2025-11-25", Side::kServer,
       Form::kRequest, true},
      {"no longer in the extension", "tasks/get", "2026-07-28", Side::kServer, Form::kRequest,
       false},
      {"sampling on a modern wire", "sampling/createMessage", "2026-07-28", Side::kServer,
       Form::kRequest, false},
      {"elicitation came in 2025-06-18", "elicitation/create", "2025-03-26", Side::kServer,
       Form::kRequest, false},
      {"update is the extension's", "tasks/update", "2026-07-28", Side::kClient, Form::kRequest,
       true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(find_method(c.method, c.revision, c.sender, c.form) != nullptr, c.found);
  }
  EXPECT_NE(find_embedded("sampling/createMessage"), nullptr);
  EXPECT_EQ(find_embedded("tools/call"), nullptr);
  EXPECT_EQ(find_embedded("nothing"), nullptr);
}

TEST(MethodsTest, RowsAreConsistent) {
  std::set<std::string_view> seen;
  for (const MethodInfo& info : methods()) {
    SCOPED_TRACE(std::string(info.method));
    EXPECT_TRUE(seen.insert(info.method).second);
    EXPECT_EQ(info.since.empty(), info.legacy == Sender::kNobody);
    EXPECT_TRUE(info.plumbing() || kinds::is_known(info.verb));
    EXPECT_FALSE(info.plumbing() && (info.changes || info.name != NamePlace::kNone));
    EXPECT_EQ(list_member(info.list).empty(), info.list == ListKind::kNone);
    EXPECT_EQ(list_item_key(info.list).empty(), info.list == ListKind::kNone);
    EXPECT_EQ(list_item_verb(info.list).empty(), info.list == ListKind::kNone);
  }
}

const char* sender_word(Sender sender) {
  switch (sender) {
    case Sender::kNobody:
      return "-";
    case Sender::kClient:
      return "client";
    case Sender::kServer:
      return "server";
    case Sender::kEither:
      return "either";
    case Sender::kEmbedded:
      return "server, in a result";
  }
  return "";
}

// The table of docs/formats/mcp.md, row by row.
TEST(MethodsTest, EqualsItsPage) {
  std::string expected;
  for (const MethodInfo& info : methods()) {
    expected += "| `" + std::string(info.method) + "` | " +
                (info.form == Form::kRequest ? "request" : "notification") + " | " +
                sender_word(info.legacy) +
                (info.since.empty() || info.since == kRevision20250326
                     ? ""
                     : " (" + std::string(info.since) + ")") +
                " | " + sender_word(info.modern) + " | " +
                (info.plumbing() ? "plumbing" : "`" + std::string(info.verb) + "`") + " | " +
                (info.changes ? "yes" : "no") + " |\n";
  }
  const std::string page = read_file("docs/formats/mcp.md");
  const std::string begin =
      "| Method | Form | Legacy: sent by | Modern: sent by | Action | Changes |\n";
  const std::size_t at = page.find(begin);
  ASSERT_NE(at, std::string::npos) << expected;
  const std::size_t rows = page.find('\n', at + begin.size()) + 1;
  EXPECT_EQ(page.substr(rows, page.find("\n\n", rows) + 1 - rows), expected);
}

}  // namespace
}  // namespace pawl::mcp
