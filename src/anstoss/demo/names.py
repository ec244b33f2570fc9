"""Names and places for invented people of Germany, Austria and Switzerland, and a few who came from elsewhere."""

WOMEN = (
    *("Anna", "Lena", "Katharina", "Sabine", "Julia", "Petra", "Laura", "Monika", "Sophie", "Claudia", "Marie"),
    *("Nina", "Birgit", "Hannah", "Franziska", "Ursula", "Elif", "Theresa", "Johanna", "Silke", "Ayşe", "Magdalena"),
    *("Greta", "Renate", "Mia", "Carla", "Kerstin", "Barbara", "Vreni", "Agnieszka", "Emily", "Jasmin", "Heike"),
)
MEN = (
    *("Thomas", "Michael", "Jan", "Stefan", "Lukas", "Andreas", "Felix", "Jürgen", "Maximilian", "Peter", "Jonas"),
    *("Tobias", "Klaus", "Florian", "Emre", "Matthias", "Paul", "Wolfgang", "Sebastian", "Björn", "Urs", "Lorenz"),
    *("Kai", "Uwe", "Niklas", "Reto", "Piotr", "Oliver", "Georg", "James", "Hans-Peter", "Moritz", "Günther"),
)
LAST = (
    *("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann"),
    *("Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun"),
    *("Krüger", "Hofmann", "Hartmann", "Lange", "Krause", "Lehmann", "Köhler", "Maier", "Huber", "Kaiser"),
    *("Gruber", "Steiner", "Moser", "Pichler", "Hofer", "Leitner", "Egger", "Keller", "Meier", "Brunner"),
    *("Baumann", "Frei", "Yılmaz", "Kowalski", "Öztürk", "Nguyen", "Petersen", "Hansen", "Groß", "Weiß"),
    *("Winkler", "Vogt", "Sommer", "Ludwig", "Böhm", "Jäger", "Stein", "Haas", "Taylor", "Rossi"),
)
# city, postal code, country, weight
CITIES = (
    *(("Berlin", "10115", "DE", 14), ("Hamburg", "20095", "DE", 9), ("München", "80331", "DE", 9)),
    *(("Köln", "50667", "DE", 6), ("Frankfurt am Main", "60311", "DE", 5), ("Stuttgart", "70173", "DE", 5)),
    *(("Leipzig", "04109", "DE", 4), ("Dresden", "01067", "DE", 4), ("Freiburg im Breisgau", "79098", "DE", 4)),
    *(("Nürnberg", "90402", "DE", 3), ("Hannover", "30159", "DE", 3), ("Bremen", "28195", "DE", 3)),
    *(("Kassel", "34117", "DE", 2), ("Rosenheim", "83022", "DE", 2), ("Kiel", "24103", "DE", 2)),
    *(("Münster", "48143", "DE", 3), ("Görlitz", "02826", "DE", 1), ("Garmisch-Partenkirchen", "82467", "DE", 1)),
    *(("Wien", "1010", "AT", 5), ("Innsbruck", "6020", "AT", 2), ("Graz", "8010", "AT", 2)),
    *(("Zürich", "8001", "CH", 2), ("Bern", "3011", "CH", 1), ("Basel", "4051", "CH", 1)),
)
# Addresses only at domains kept for examples (RFC 2606): no mail can ever reach a stranger.
DOMAINS = ("example.org", "example.net", "example.com")
