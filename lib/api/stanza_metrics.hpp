// Whether the stanza can be restored, as figures of our own: what no exporter of `info` can know.
// Pure.
#pragma once

#include "api/metrics_page.hpp"
#include "api/stanza_state.hpp"

namespace restpoint::api {

/// The stanza's state, the gaps in each archive of the cluster that is backed up now, and how far
/// the archive is behind. What is not known is left out.
void add_stanza_metrics(metrics_page& page, const stanza_findings& found);

} // namespace restpoint::api
