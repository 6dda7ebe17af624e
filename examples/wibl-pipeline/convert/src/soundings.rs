//! The raw format, and GeoJSON.

use serde_json::{Value, json};

/// A file that was converted.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The soundings, as a GeoJSON `FeatureCollection`.
    pub collection: Value,
    /// The tags of the result, which the next stage reads: who sounded, with what, and how often.
    pub tags: [(&'static str, String); 3],
}

/// Reads a raw file.
///
/// # Errors
/// If it is no raw file, with what was found and what was expected.
pub fn convert(raw: &[u8]) -> Result<Converted, String> {
    let text = str::from_utf8(raw).map_err(|mistake| format!("it is no text: {mistake}"))?;
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let words: Vec<_> = head.split_whitespace().collect();
    let &["WIBL", vessel, logger] = &words[..] else {
        let start: String = head.chars().take(40).collect();
        return Err(format!(
            "the first line is `WIBL <vessel> <logger>`, got {start:?}"
        ));
    };
    let numbered = (2..).zip(lines).filter(|(_, line)| !line.is_empty());
    let features = numbered.map(|(number, line)| feature(line, number));
    let features = features.collect::<Result<Vec<_>, _>>()?;
    if features.is_empty() {
        return Err("there is no sounding in it".to_owned());
    }
    let tags = [
        ("SourceID", vessel.to_owned()),
        ("Logger", logger.to_owned()),
        ("Soundings", features.len().to_string()),
    ];
    let platform = json!({ "uniqueID": vessel, "type": "Ship" });
    let collection = json!({
        "type": "FeatureCollection",
        "properties": { "platform": platform },
        "features": features,
    });
    Ok(Converted { collection, tags })
}

/// A sounding as GeoJSON has it.
fn feature(line: &str, number: usize) -> Result<Value, String> {
    let fields: Vec<_> = line.split(',').collect();
    let &[time, longitude, latitude, depth] = &fields[..] else {
        let count = fields.len();
        return Err(format!("line {number} has four fields, got {count}"));
    };
    let read = |field: &str| {
        let value = field.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        value.ok_or_else(|| format!("line {number} has a number here, got {field:?}"))
    };
    let (longitude, latitude, depth) = (read(longitude)?, read(latitude)?, read(depth)?);
    if longitude.abs() > 180.0 || latitude.abs() > 90.0 {
        return Err(format!(
            "line {number} is nowhere on earth: {longitude}, {latitude}"
        ));
    }
    Ok(json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": [longitude, latitude] },
        "properties": { "depth": depth, "time": time },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundings_become_features_with_tags_that_say_where_they_come_from() {
        let raw = b"WIBL PRO-7 logger-1\n2026-01-01T00:00:00Z,8.1,54.2,17.5\n\n2026-01-01T00:00:01Z,-180,90,0\n";
        let converted = convert(raw).unwrap();
        let tags = converted
            .tags
            .map(|(name, value)| format!("{name}={value}"));
        assert_eq!(tags, ["SourceID=PRO-7", "Logger=logger-1", "Soundings=2"]);
        let features = &converted.collection["features"];
        let place = json!({ "type": "Point", "coordinates": [8.1, 54.2] });
        assert_eq!(features[0]["geometry"], place);
        let said = json!({ "depth": 17.5, "time": "2026-01-01T00:00:00Z" });
        assert_eq!(features[0]["properties"], said);
        assert_eq!(
            features[1]["geometry"]["coordinates"],
            json!([-180.0, 90.0])
        );
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused_with_the_reason() {
        let table: [(&[u8], &str); 9] = [
            (b"", "the first line is `WIBL <vessel> <logger>`, got \"\""),
            (b"no logger's file\n", "got \"no logger's file\""),
            (b"WIBL vessel\n", "got \"WIBL vessel\""),
            (b"WIBL a b\n", "there is no sounding in it"),
            (b"WIBL a b\nt,1,2\n", "line 2 has four fields, got 3"),
            (
                b"WIBL a b\nt,1,2,3\nt,x,2,3\n",
                "line 3 has a number here, got \"x\"",
            ),
            (
                b"WIBL a b\nt,NaN,2,3\n",
                "line 2 has a number here, got \"NaN\"",
            ),
            (
                b"WIBL a b\nt,181,2,3\n",
                "line 2 is nowhere on earth: 181, 2",
            ),
            (b"WIBL \xff b\n", "it is no text"),
        ];
        for (raw, expected) in table {
            let reason = convert(raw).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
