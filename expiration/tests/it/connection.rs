use common::error::StartError;
use expiration::connection;

#[test]
fn redis_is_named_as_the_original_names_it_or_by_url() {
    for (given, address) in [
        ("expiration-redis-srv", "expiration-redis-srv:6379"),
        ("localhost:6380", "localhost:6380"),
        ("[::1]:6380", "::1:6380"),
        (" redis://cache ", "cache:6379"),
        ("redis://user:p%40ss@cache:6380/1", "cache:6380"),
        ("rediss://cache", "cache:6379"),
    ] {
        let redis = connection::parse(&given.parse().unwrap()).unwrap();
        assert_eq!(redis.addr().to_string(), address, "{given}");
    }
}

#[test]
fn anything_else_is_refused_without_repeating_it() {
    for given in ["cache:port", "http://secret@cache", "redis://", "redis://:secret@cache/x", "secret@::1"] {
        let Err(StartError::Configuration { variable, problem }) = connection::parse(&given.parse().unwrap()) else {
            panic!("{given} was accepted");
        };
        assert_eq!(variable, "REDIS_HOST");
        assert!(!problem.contains("secret"), "{problem}");
    }
}
