// Digital pins and analog inputs under stimuli.
void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT_PULLUP);
  pinMode(3, INPUT);
  pinMode(LED_BUILTIN, OUTPUT);
  digitalWrite(LEDR, HIGH);  // off before it becomes an output
  pinMode(LEDR, OUTPUT);
  pinMode(LEDG, OUTPUT);  // its latch is LOW: on
  digitalWrite(LEDG, HIGH);
  pinMode(5, OUTPUT);
  digitalWrite(5, HIGH);
  digitalWrite(5, HIGH);
}

void loop() {
  Serial.println(String(digitalRead(2)) + digitalRead(3) + digitalRead(5) + " " + analogRead(A0) + " " + analogRead(1));
  digitalWrite(LED_BUILTIN, digitalRead(2) == LOW ? HIGH : LOW);
  analogReadResolution(12);
  Serial.println(analogRead(A0));
  analogReadResolution(10);
  delay(100);
}
