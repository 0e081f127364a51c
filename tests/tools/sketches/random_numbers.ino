// Pseudo-random numbers stay in range and follow the seed.
void setup() {
  Serial.begin(115200);
  bool inside = true;
  for (int i = 0; i < 1000; i++) {
    long a = random(10), b = random(-5, 5);
    inside = inside && a >= 0 && a < 10 && b >= -5 && b < 5;
  }
  Serial.println(inside);
  randomSeed(7);
  long first = random(1000000);
  randomSeed(7);
  Serial.println(random(1000000) == first);
  randomSeed(8);
  Serial.println(random(1000000) != first);
  Serial.println(random(5, 5));
}

void loop() {}
