# RESTPOINT_SANITIZE: empty, "address,undefined" or "thread".
set(RESTPOINT_SANITIZE "" CACHE STRING "sanitizers to build with")
if(RESTPOINT_SANITIZE)
    add_compile_options(-fsanitize=${RESTPOINT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_compile_definitions(_GLIBCXX_ASSERTIONS) # an index past the end of a view is a finding, too
    add_link_options(-fsanitize=${RESTPOINT_SANITIZE})
endif()
