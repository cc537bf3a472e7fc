// From a schema's JSON to nodes; internal to foundation/schema.
//
// Purpose:    compile.cc walks the schema and resolves references; keywords.cc knows each keyword.
// Threading:  one thread; used once.
// Ownership:  borrows the schema's JSON until run() returns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "foundation/schema/node.h"
#include "foundation/schema/schema.h"

namespace pawl::schema {

class Compiler {
 public:
  enum class Policy {
    kStrict,   // the first problem fails the schema
    kForeign,  // a problem makes its subschema indeterminate
  };
  Compiler(const json::Value& root, Policy policy);
  Result<std::shared_ptr<const Schema>> run();

 private:
  struct Keyword {
    NodeId node;
    std::string_view name;
    const json::Value& value;
    std::string pointer;
    int depth;
  };
  struct PendingRef {
    NodeId node;
    std::string pointer;
    std::string from;
  };

  // compile.cc
  NodeId subschema(const json::Value& value, const std::string& pointer, int depth);
  NodeId child(const Keyword& k, const json::Value& value, const std::string& below = "");
  NodeId new_node();
  Node& node(const Keyword& k) { return schema_->nodes_[k.node]; }
  void problem(NodeId at, Code code, const std::string& pointer, const std::string& what);
  void malformed(const Keyword& k, const std::string& expected);
  std::optional<std::uint64_t> count(const Keyword& k);
  std::optional<Decimal> number(const Keyword& k);
  std::vector<std::string> names(const Keyword& k, const json::Value& value);
  std::vector<NodeId> schemas(const Keyword& k);
  std::vector<std::pair<std::string, NodeId>> named_schemas(const Keyword& k);
  std::unique_ptr<RE2> pattern(const Keyword& k, std::string_view text);
  void type(const Keyword& k);
  void reference(const Keyword& k);
  NodeId resolve(const std::string& pointer, const std::string& from);

  // keywords.cc
  void keyword(const Keyword& k);
  bool general_keyword(const Keyword& k);
  bool number_keyword(const Keyword& k);
  bool string_keyword(const Keyword& k);
  bool array_keyword(const Keyword& k);
  bool object_keyword(const Keyword& k);
  bool combining_keyword(const Keyword& k);
  void other_keyword(const Keyword& k);
  bool knows_dialect(NodeId id, const json::Object& object, const std::string& pointer);
  void draft_checks(NodeId id, const json::Object& object, const std::string& pointer);

  const json::Value& root_;
  Policy policy_;
  std::unique_ptr<Schema> schema_;
  std::unordered_map<const json::Value*, NodeId> compiled_;
  std::vector<PendingRef> pending_refs_;
  std::optional<Error> failed_;
  bool ignores_beside_ref_ = false;  // the root names a draft before 2019-09
};

}  // namespace pawl::schema
