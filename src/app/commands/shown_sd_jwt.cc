#include "app/commands/shown_sd_jwt.h"

#include <ostream>

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

void show_claims(std::ostream& out, const json::Object& claims) {
  for (const auto& [name, value] : claims) {
    out << labelled("  " + shown_text(name), shown_value(value));
  }
}

}  // namespace

void tell_verified(Context& context, const sd_jwt::Verified& shown) {
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"verdict", "good"},
                                               {"typ", shown.typ},
                                               {"kid", shown.kid},
                                               {"disclosed", shown.disclosed},
                                               {"withheld", shown.withheld},
                                               {"bound", shown.is_bound},
                                               {"claims", shown.claims}})
                   << '\n';
    return;
  }
  context.io.out << "GOOD: signed by key " << shown_text(shown.kid) << '\n'
                 << labelled("disclosed", counted(shown.disclosed, "member"))
                 << labelled("withheld", shown.withheld == 0
                                             ? "nothing"
                                             : "at most " + counted(shown.withheld, "member"))
                 << labelled("holder", shown.is_bound ? "proved possession of its key"
                                                      : "not asked for a proof");
  show_claims(context.io.out, shown.claims);
}

void tell_disclosures(Context& context, const sd_jwt::SdJwt& token,
                      const sd_jwt::Processed& processed) {
  json::Array pointers;
  for (const sd_jwt::Place& place : processed.places) {
    pointers.emplace_back(place.pointer);
  }
  if (context.io.json) {
    json::Object out{{"header", token.jws.header}, {"claims", processed.claims}};
    out["disclosable"] = std::move(pointers);
    out["bound"] = !token.key_binding.empty();
    context.io.out << json::print(out) << '\n';
    return;
  }
  context.io.out << labelled("type", token.jws.typ.empty() ? "-" : shown_text(token.jws.typ))
                 << labelled("signed by",
                             "key " + shown_text(token.jws.kid) + " (not checked here)");
  show_claims(context.io.out, processed.claims);
  for (const json::Value& pointer : pointers) {
    context.io.out << labelled("may withhold", shown_value(pointer));
  }
}

}  // namespace pawl
