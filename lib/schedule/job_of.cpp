#include "schedule/job_of.hpp"

namespace restpoint::schedule {

jobs::job_kind kind_of(action what) {
    switch (what) {
    case action::backup:
        return jobs::job_kind::backup;
    case action::check:
        return jobs::job_kind::check;
    case action::verify:
        return jobs::job_kind::verify;
    case action::expire:
        break;
    }
    return jobs::job_kind::expire;
}

jobs::job_spec job_of(const definition& what, std::string stanza) {
    jobs::job_spec spec;
    spec.kind = kind_of(what.what);
    spec.stanza = std::move(stanza);
    spec.type = what.type;
    return spec;
}

} // namespace restpoint::schedule
